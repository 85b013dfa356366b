/** Ctrl K: every action and every device, by typing a few letters of it. */
import { Modal } from '@mantine/core';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { StateIcon } from '../../parts/state-word.tsx';
import { useFleet, useMuster, useSite, useUi } from '../../stores/muster.tsx';
import styles from './command-palette.module.css';
import { commandsOf, findCommands, type Command } from './commands.ts';

/** More than this are not drawn: nobody reads on, they type on. */
const SHOWN = 50;

export function CommandPalette() {
  const { ui } = useMuster();
  const open = useUi((state) => state.paletteOpen);
  const close = () => ui.getState().setPaletteOpen(false);
  return (
    <Modal
      opened={open}
      onClose={close}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset={80}
      title={null}
      // There at once: what is typed right after the shortcut must land in it.
      transitionProps={{ duration: 0 }}
      aria-label="Do anything, go anywhere"
    >
      {open && <Palette close={close} />}
    </Modal>
  );
}

function Palette({ close }: { close: () => void }) {
  const muster = useMuster();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const [opened] = useState(Date.now);
  const devices = useFleet((state) => state.devices);
  const demo = useSite((state) => state.demo?.running ?? false);
  const all = useMemo(
    () => commandsOf(muster, devices.values(), demo, opened),
    [muster, devices, demo, opened],
  );
  const found = useMemo(() => findCommands(all, text).slice(0, SHOWN), [all, text]);
  useEffect(() => {
    list.current?.children.item(at)?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  function run(command: Command | undefined): void {
    if (!command) return;
    close();
    command.run();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
    else if (event.key === 'Enter') run(found[at]);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <label className={styles.input}>
        <IconSearch size={20} aria-hidden />
        <input
          autoFocus
          data-autofocus
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          placeholder="Do anything, go anywhere"
          role="combobox"
          aria-expanded
          aria-controls="commands"
          aria-activedescendant={found[at] ? `command-${at}` : undefined}
          spellCheck={false}
        />
      </label>
      <ul ref={list} id="commands" role="listbox" aria-label="Commands" className={styles.list}>
        {found.map((command, index) => (
          <li
            key={command.id}
            id={`command-${index}`}
            role="option"
            aria-selected={index === at}
            className={styles.command}
            onPointerMove={() => setAt(index)}
            onClick={() => run(command)}
          >
            <span className={styles.icon}>{command.tone && <StateIcon tone={command.tone} />}</span>
            <span className={styles.title}>{command.title}</span>
            <span className={styles.hint}>{command.hint}</span>
          </li>
        ))}
        {found.length === 0 && <li className={styles.none}>Nothing is called that. Esc closes.</li>}
      </ul>
    </>
  );
}
