/** Each chosen device, what it runs and what a push would do there. */
import type { FirmwareFile } from '../../../src/shared/campaign.ts';
import { StateWord } from '../../parts/state-word.tsx';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { firmwareName } from '../../text/campaign-words.ts';
import { verdictWord, type PreviewRow } from './preview-words.ts';

export function PreviewTable({
  files,
  rows,
}: {
  files: readonly FirmwareFile[];
  rows: readonly PreviewRow[];
}) {
  return (
    <VirtualRows
      label="What it would do"
      head={['Device', 'Runs', 'Gets', 'What happens', 'Why']}
      columns="minmax(104px, 1fr) 64px minmax(104px, 1fr) 200px minmax(160px, 2fr)"
      rows={rows}
      keyOf={(row) => row.device}
      cells={(row) => [
        <strong key="name" title={row.name}>
          {row.name}
        </strong>,
        row.from ?? '–',
        row.file === null ? '–' : firmwareName(files[row.file]!),
        <StateWord key="verdict" {...verdictWord(row)} />,
        <span key="reason" title={row.reason ?? undefined}>
          {row.reason ?? ''}
        </span>,
      ]}
    />
  );
}
