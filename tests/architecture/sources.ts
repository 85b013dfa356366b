/** The project's own source files and what each imports, read once for the architecture tests. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const ROOT = new URL('../..', import.meta.url).pathname;

/** One source file: path from the root, text, and its imports as written. */
export interface Source {
  path: string;
  text: string;
  imports: string[];
}

// `import x from 'a'`, `export … from 'a'`, `import 'a'`, `import('a')`, `import.meta.resolve('a')`
const IMPORT = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)(['"])([^'"\n]+)\1/g;

/** All TypeScript of the given folders. Fails when there is none: an empty search proves nothing. */
export function sources(...folders: string[]): Source[] {
  const patterns = folders.map((folder) => `${folder}/**/*.{ts,tsx}`);
  const found = globSync(patterns, { cwd: ROOT }).toSorted();
  if (found.length === 0) throw new Error(`no source below ${folders.join(', ')}`);
  return found.map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
    return { path, text, imports: [...code.matchAll(IMPORT)].map((match) => match[2] ?? '') };
  });
}

/** An import as a path from the root, or null for a package. */
export function target(source: Source, specifier: string): string | null {
  return specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(source.path), specifier)) : null;
}

/** The package a bare import names: `@a/b/c` → `@a/b`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}
