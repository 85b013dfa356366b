/**
 * Imported before everything else: the page's policy forbids evaluating text, and zod probes for it when the first
 * schema is made. Without this the browser would report a violation at every start.
 */
import * as z from 'zod';

z.config({ jitless: true });
