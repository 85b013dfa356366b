/** Each chosen device, what it runs and what a push would do there. */
import { StateWord } from '../../parts/state-word.tsx';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { verdictWord, type PreviewRow } from './preview-words.ts';

export function PreviewTable({ rows }: { rows: readonly PreviewRow[] }) {
  return (
    <VirtualRows
      label="What it would do"
      head={['Device', 'Runs', 'What happens', 'Why']}
      columns="minmax(120px, 1fr) 96px 216px minmax(120px, 2fr)"
      rows={rows}
      keyOf={(row) => row.device}
      cells={(row) => [
        <strong key="name" title={row.name}>
          {row.name}
        </strong>,
        row.from ?? '–',
        <StateWord key="verdict" {...verdictWord(row)} />,
        <span key="reason" title={row.reason ?? undefined}>
          {row.reason ?? ''}
        </span>,
      ]}
    />
  );
}
