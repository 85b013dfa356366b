/** The document as text: numbers of the lines, and what is wrong beside the line it is wrong on. */
import { useRef } from 'react';
import type { ConfigurationProblem } from '../../../src/shared/device-configuration-calls.ts';
import styles from './configuration.module.css';

interface TextEditorProps {
  text: string;
  problems: readonly ConfigurationProblem[];
  onChange: (text: string) => void;
}

/** Px; as `--line` in tokens.css. */
const LINE = 20;

export function TextEditor({ text, problems, onChange }: TextEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = text.split('\n');
  const wrong = new Map<number, string[]>();
  for (const { line, path, message } of problems)
    wrong.set(line ?? 1, [...(wrong.get(line ?? 1) ?? []), `${path} ${message}`.trim()]);
  const goTo = (line: number) => {
    const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
  };
  return (
    <div className={styles.editor}>
      <div className={styles.numbers} aria-hidden>
        {[...lines.keys()].map((i) => (
          <div key={i} data-wrong={wrong.has(i + 1) || undefined}>
            {i + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={area}
        aria-label="The document as text"
        aria-invalid={problems.length > 0}
        spellCheck={false}
        wrap="off"
        value={text}
        style={{ height: (lines.length + 1) * LINE }}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div className={styles.notes}>
        {[...wrong].map(([line, messages]) => (
          <button
            key={line}
            type="button"
            style={{ top: (line - 1) * LINE }}
            title={messages.join('\n')}
            onClick={() => goTo(line)}
          >
            ◂ Line {line}: {messages.join('; ')}
          </button>
        ))}
      </div>
    </div>
  );
}
