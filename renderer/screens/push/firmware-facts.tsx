/** A firmware file in short: what it is, for which boards, who signed it. */
import type { FirmwareFile } from '../../../src/shared/campaign.ts';
import { Facts } from '../../parts/facts.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { firmwareName, signatureWords } from '../../text/campaign-words.ts';
import { formatBytes } from '../../text/format.ts';
import styles from './push.module.css';

/** `files`: side by side where there are several. */
export function FirmwareFacts({ files }: { files: readonly FirmwareFile[] }) {
  return (
    <div className={styles.files}>
      {files.map((file) => (
        <FileFacts key={file.path} firmware={file} />
      ))}
    </div>
  );
}

function FileFacts({ firmware }: { firmware: FirmwareFile }) {
  const { kind, architectures, platform, runtime, bytes } = firmware;
  const signed = signatureWords(firmware);
  return (
    <Facts
      rows={[
        ['Firmware', <strong key="name">{firmwareName(firmware)}</strong>],
        ['For', `${platform ?? architectures.join(' and ')}${kind === 'nerves' ? ' (Nerves)' : ''}`],
        ['Signature', <StateWord key="signed" {...signed} />],
        [
          'Node.js',
          runtime && `${runtime.version}, ${runtime.carried ? 'in the file' : 'must be on the device'}`,
        ],
        ['File', formatBytes(bytes)],
      ]}
    />
  );
}
