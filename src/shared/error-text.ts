/**
 * What went wrong and what to do next, in words for a person beside a cabinet. One entry for every code: the compiler
 * keeps the table complete. Owns the sentences; refuses jargon and blame. The window, the browser and the command line
 * read it; engineers find `message` and `details` folded below.
 */
import type { ErrorCode, ErrorDetails } from './errors.ts';

/** `title` says what happened, `next` what to do about it. Whole sentences, each. */
export interface ErrorWords {
  title: string;
  next: string;
}

/** A fact as text, or `fallback` when the error does not carry it. */
type Fact = (name: string, fallback: string) => string;

/** What the device is called: its name where the caller knows it, else its host, else `The device`. */
function subject(fact: Fact): string {
  return fact('name', fact('device', fact('host', 'The device')));
}

function size(fact: Fact, name: string, fallback: string): string {
  const bytes = Number(fact(name, ''));
  return bytes > 0 ? `${Math.ceil(bytes / 1_000_000)} MB` : fallback;
}

function day(fact: Fact, name: string): string {
  const at = Number(fact(name, ''));
  // Beyond this there are no dates (ECMA-262, 21.4.1.1).
  if (!(at > 0 && at <= 8.64e15)) return '';
  return ` on ${new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' }).format(at)}`;
}

/** `: reason` when one is known. */
function because(fact: Fact): string {
  const reason = fact('reason', '');
  return reason === '' ? '' : `: ${reason}`;
}

const WORDS: Record<ErrorCode, (fact: Fact) => ErrorWords> = {
  HOST_UNKNOWN: (fact) => ({
    title: `Nothing is called "${fact('host', 'that')}" on this network.`,
    next: 'Check the spelling, add ".local" to a bare name, or enter the numeric address from the router\'s list.',
  }),
  HOST_UNREACHABLE: (fact) => ({
    title: `${subject(fact)} does not answer.`,
    next: 'Check its power and its cable, and that this laptop is on the same network. Then try again.',
  }),
  PORT_CLOSED: (fact) => ({
    title: `${subject(fact)} answers, but SSH is off.`,
    next: 'Switch it on in Raspberry Pi Imager or with a screen and keyboard (raspi-config, Interface Options, SSH), then try again.',
  }),
  CONNECTION_LOST: (fact) => ({
    title: `The connection to ${lower(subject(fact))} was cut.`,
    next: 'Nothing is lost: the device goes on recording. Check cable and power, then try again.',
  }),
  NOT_SSH: (fact) => ({
    title: `Something other than SSH answers at ${fact('host', 'that address')}${fact('port', '') === '' ? '' : `, port ${fact('port', '')}`}.`,
    next: 'Check the address and the port; SSH is usually on port 22.',
  }),
  HOST_KEY_UNKNOWN: (fact) => ({
    title: `This laptop has not met ${lower(subject(fact))} before.`,
    next: 'Compare its fingerprint with the one on the box, then confirm it.',
  }),
  HOST_KEY_CHANGED: (fact) => ({
    title: `This is not the box you trusted${day(fact, 'trustedAt')}: its key is different.`,
    next: 'If you reinstalled its card, compare the fingerprints and trust it anew. If not, stop: something else answers under its name.',
  }),
  AUTH_FAILED: (fact) => ({
    title: `${subject(fact)} did not accept the password or key for user ${fact('user', 'given')}.`,
    next: 'Check the user name and the password. They were chosen when the card was written.',
  }),
  AUTH_NEEDED: (fact) => ({
    title: `${subject(fact)} asks who you are.`,
    next: `Enter the password of user ${fact('user', 'given')}, or choose a key file. The password is used once and not kept.`,
  }),
  KEY_FILE_BAD: (fact) => ({
    title: `${fact('path', 'The key file')} cannot be used as a key${because(fact)}.`,
    next: 'Choose the private key, not the public one beside it, and enter its passphrase if it has one.',
  }),
  SUDO_PASSWORD_NEEDED: (fact) => ({
    title: `${subject(fact)} wants the administrator password for this.`,
    next: 'Enter the password that sudo asks for there, often the login password. It is used once and not kept.',
  }),
  SUDO_PASSWORD_WRONG: (fact) => ({
    title: `${subject(fact)} did not accept the administrator password.`,
    next: 'Enter the password that sudo asks for there. Nothing was changed.',
  }),
  SFTP_UNAVAILABLE: (fact) => ({
    title: `${subject(fact)} does not take files over SSH.`,
    next: 'Install an SFTP server there (on Debian: openssh-sftp-server), then try again.',
  }),
  ARCH_UNSUPPORTED: (fact) => ({
    title: `${subject(fact)} has a processor that Muster has no daemon for${fact('arch', '') === '' ? '' : ` (${fact('arch', '')})`}.`,
    next: 'It needs a 64-bit system: arm64 (Raspberry Pi 3 or newer with the 64-bit system) or x64.',
  }),
  SYSTEM_UNSUPPORTED: (fact) => ({
    title: `${subject(fact)} runs a system that Muster cannot install on${fact('system', '') === '' ? '' : `: ${fact('system', '')}`}.`,
    next: 'Use Raspberry Pi OS or Debian, 64-bit, version 12 or newer.',
  }),
  DISK_FULL: (fact) => ({
    title: `There is no room on ${lower(subject(fact))}: ${size(fact, 'needed', 'more room')} ${fact('needed', '') === '' ? 'is' : 'are'} needed${fact('free', '') === '' ? '' : `, ${size(fact, 'free', '0 MB')} are free`}.`,
    next: 'Remove what is not needed there, or use a larger card. What was there before still works.',
  }),
  DEVICE_BUSY: (fact) => ({
    title: `Another installation is at work on ${lower(subject(fact))}.`,
    next: 'Wait until it has ended, then try again.',
  }),
  RUNTIME_UNAVAILABLE: (fact) => ({
    title: `This laptop does not hold the runtime for ${fact('arch', 'that processor')} yet.`,
    next: 'Connect the laptop to the internet once and try again; it is kept from then on.',
  }),
  INSTALL_STEP_FAILED: (fact) => ({
    title: `A step failed on ${lower(subject(fact))}${fact('step', '') === '' ? '' : `: ${fact('step', '')}`}.`,
    next: 'Try again: it goes on where it stopped. The details below say what the device answered.',
  }),
  DAEMON_NOT_STARTED: (fact) => ({
    title: `The daemon was installed on ${lower(subject(fact))} but does not answer.`,
    next: 'Try again. If it stays so, copy the details below: they hold the last lines of its log.',
  }),
  NOT_INSTALLED: (fact) => ({
    title: `Muster is not installed on ${lower(subject(fact))}.`,
    next: 'Install it first.',
  }),
  PROTOCOL_MISMATCH: (fact) => ({
    title: `${subject(fact)} speaks version ${fact('actual', 'another')} of the protocol, this laptop version ${fact('expected', 'another')}.`,
    next: 'Install again on it with this laptop; if the device is the newer one, update Muster here.',
  }),
  BAD_FRAME: (fact) => ({
    title: `${subject(fact)} sent something that cannot be read.`,
    next: 'The connection is made anew by itself. If it happens again, install again on the device.',
  }),
  BAD_INPUT: (fact) => ({
    title: `That cannot be done with what was entered${fact('field', '') === '' ? '' : ` (${fact('field', '')})`}.`,
    next: 'The details name what was wrong. Change it and try again.',
  }),
  BAD_REPLY: (fact) => ({
    title: `${subject(fact)} gave an answer that makes no sense here.`,
    next: 'Its version and this one may differ: install again on it, then try again.',
  }),
  TIMEOUT: (fact) => ({
    title: `${subject(fact)} took too long to answer.`,
    next: 'It may be busy or its network weak. Try again in a moment.',
  }),
  CLOSED: () => ({
    title: 'The connection ended before the answer came.',
    next: 'It is made anew by itself. Try again in a moment.',
  }),
  FORWARDING_REFUSED: (fact) => ({
    title: `${subject(fact)} forbids the way to its daemon (AllowStreamLocalForwarding is off).`,
    next: 'Muster uses a bridge command instead where it may. If that is forbidden too, allow one of the two in sshd_config.',
  }),
  JOURNAL_FAILED: (fact) => ({
    title: `${subject(fact)} cannot write its journal${because(fact)}.`,
    next: 'Its card may be full or worn. Readings still arrive live; save what you need and replace the card.',
  }),
  ARCHIVE_FAILED: (fact) => ({
    title: `The archive of this site cannot be used${because(fact)}.`,
    next: 'Check that its disk has room and may be written to. Nothing is lost on the devices meanwhile.',
  }),
  ARCHIVE_NEWER: () => ({
    title: 'A newer Muster has written this archive.',
    next: 'Update Muster on this laptop, or choose another site folder. The archive was not changed.',
  }),
  EXPORT_PATH_UNWRITABLE: (fact) => ({
    title: `${fact('path', 'That place')} cannot be written to${because(fact)}.`,
    next: 'Choose another folder. No file was left behind.',
  }),
  EXPORT_EMPTY: () => ({
    title: 'There are no readings in what you chose.',
    next: 'Choose a longer time, or other devices and channels.',
  }),
  CONFIG_INVALID: (fact) => ({
    title: `The configuration${fact('path', '') === '' ? '' : ` at ${fact('path', '')}`} is not valid${because(fact)}.`,
    next: 'Correct it as the details say. The one before stays in force.',
  }),
  CONFIG_TAKEN_BACK: (fact) => ({
    title: `The device went back to the configuration before${because(fact)}.`,
    next:
      fact('demand', '') === ''
        ? 'The one before is in force. If this one changes how the device is reached, look at that part first.'
        : 'The one before is in force. Correct that part, or have it kept all the same (--keep on the command line).',
  }),
  BUS_NACK: (fact) => ({
    title: `Nothing answers${fact('address', '') === '' ? '' : ` at ${fact('address', '')}`} on ${fact('bus', 'the bus')}.`,
    next: 'Check the wires, the power of the sensor and its address.',
  }),
  BUS_MISSING: (fact) => ({
    title: `There is no ${fact('bus', 'such bus')} on this device.`,
    next: 'Switch it on (raspi-config, Interface Options) or correct the name in the configuration.',
  }),
  BUS_STUCK: (fact) => ({
    title: `${fact('bus', 'A bus')} hangs.`,
    next: 'Cut the power of the device for a moment. If it hangs again, look for a shorted wire and unplug one sensor after another.',
  }),
  BUS_REFUSED: (fact) => ({
    title: `${fact('unit', '') === '' ? 'A unit' : `Unit ${fact('unit', '')}`} on ${fact('bus', 'the bus')} refuses what it was asked${because(fact)}.`,
    next: 'Compare table, address and unit in the configuration with the manual of the device.',
  }),
  BROKER_UNREACHABLE: (fact) => ({
    title: `The device cannot reach ${fact('broker', 'its broker')}: ${fact('reason', 'no answer')}.`,
    next: 'It keeps trying by itself. Look whether the broker runs, and whether its address in the configuration is right.',
  }),
  BROKER_REFUSED: (fact) => ({
    title: `The broker ${fact('broker', 'of the device')} ${fact('reason', 'refuses the device')}.`,
    next: 'Correct user and password file in the configuration, or the rights on the broker.',
  }),
  RECEIVER_UNREACHABLE: (fact) => ({
    title: `Readings do not get to ${fact('url', 'the server')}: ${fact('reason', 'no answer')}.`,
    next: 'The device keeps them and tries again by itself.',
  }),
  RECEIVER_REFUSED: (fact) => ({
    title: `${fact('url', 'The server')} refuses the readings: ${fact('reason', 'it says no')}.`,
    next: 'The device keeps them and asks again every few minutes. Correct the publisher in the configuration, or the server.',
  }),
  DRIVER_CHECKSUM: (fact) => ({
    title: `${fact('sensor', 'A sensor')} sent a reading with a wrong checksum.`,
    next: 'The reading was dropped. If it happens often, shorten the wires and check their contacts.',
  }),
  DRIVER_UNREADABLE: (fact) => ({
    title: `What came on ${fact('bus', 'the line')} cannot be read${because(fact)}.`,
    next: 'Compare speed, parity and the form of the lines in the configuration with what the device sends.',
  }),
  CHIP_UNEXPECTED: (fact) => ({
    title: `Another kind of chip answers${fact('address', '') === '' ? '' : ` at ${fact('address', '')}`} on ${fact('bus', 'the bus')}.`,
    next: 'Check which sensor is connected there, and the address in the configuration.',
  }),
  ALREADY_RUNNING: (fact) => ({
    title: `A daemon runs on ${lower(subject(fact))} already.`,
    next: 'Nothing to do: one is enough. Stop it first if you mean to start it by hand.',
  }),
  DRIVER_UNKNOWN: (fact) => ({
    title: `There is no driver called ${fact('driver', 'that')}.`,
    next: 'Correct its name in the configuration; the details list the known ones.',
  }),
  DRIVER_BROKEN: (fact) => ({
    title: `The driver ${fact('driver', 'of this sensor')} that came with the firmware cannot be used${because(fact)}.`,
    next: 'Mend it in the firmware project, build, and push again. The other sensors go on.',
  }),
  HOST_FAILED: (fact) => ({
    title: `The drivers of ${fact('host', 'a bus')} had to be started again.`,
    next: 'Nothing to do if it stays at once. If it happens again, the details name the sensor at fault: take it out.',
  }),
  FIRMWARE_INVALID: (fact) => ({
    title: `${fact('path', 'That file')} is not usable firmware${because(fact)}.`,
    next: 'Take the file that "muster firmware build" wrote, or a whole Nerves file, and copy it again if it came over a stick.',
  }),
  FIRMWARE_UNSIGNED: () => ({
    title: 'This firmware carries no signature.',
    next: 'Sign it on the laptop that holds a key: muster firmware sign.',
  }),
  FIRMWARE_UNTRUSTED: (fact) => ({
    title: `${subject(fact)} does not take firmware signed by ${fact('key', 'that key')}.`,
    next: 'Have a laptop it trusts let that key in (Firmware, Trusted keys), or sign the firmware with a key it knows.',
  }),
  FIRMWARE_REVOKED: (fact) => ({
    title: `The key ${fact('key', 'of this firmware')} was withdrawn on ${lower(subject(fact))}.`,
    next: 'Sign the firmware with another key that the device trusts.',
  }),
  FIRMWARE_MISFIT: (fact) => ({
    title: `This firmware does not fit ${lower(subject(fact))}${because(fact)}.`,
    next: 'Choose firmware made for this kind of device; the device goes on with what it runs.',
  }),
  FIRMWARE_DAMAGED: () => ({
    title: 'The firmware did not arrive as it was sent.',
    next: 'Nothing was changed on the device. Send it again; if it happens again, copy the file anew.',
  }),
  FIRMWARE_ROLLED_BACK: (fact) => ({
    title: `${subject(fact)} tried the new version and went back to the old one${because(fact)}.`,
    next: 'It measures as before. Mend the firmware, then push it again.',
  }),
  SIGNING_KEY_UNKNOWN: (fact) => ({
    title: `This laptop does not have the signing key ${fact('key', '')}`.trimEnd() + '.',
    next: 'Make one with "muster firmware keygen", or have a colleague hand one over.',
  }),
  SIGNING_KEY_BAD: (fact) => ({
    title: `${fact('path', 'The file')} holds no usable signing key${because(fact)}.`,
    next: 'Take the file that "muster firmware export-key" wrote, or put a copy of the key file in its place.',
  }),
  SIGNING_KEY_LOCKED: () => ({
    title: 'Those words do not open the key file.',
    next: 'Ask whoever made the file for its words, and type them as they are written.',
  }),
  CAMPAIGN_UNKNOWN: () => ({
    title: 'That push is not known here any more.',
    next: 'Open the list of pushes again.',
  }),
  DEVICE_UNKNOWN: (fact) => ({
    title: `There is no device ${fact('device', 'of that name')} here.`,
    next: 'It may have been forgotten or have got another name. Look at the list again.',
  }),
  JOB_UNKNOWN: () => ({
    title: 'That work is no longer known.',
    next: 'The engine was started anew meanwhile. Begin again.',
  }),
  SESSION_UNKNOWN: () => ({
    title: 'This inspection is too old to go on with.',
    next: 'Connect again: nothing was changed on the device.',
  }),
  DEMO_FAILED: (fact) => ({
    title: `The demo fleet could not be started${because(fact)}.`,
    next: 'Try again. The details say what stood in the way.',
  }),
  CANCELLED: () => ({
    title: 'Cancelled, as you asked.',
    next: 'What was done until then is safe to leave; beginning again goes on from there.',
  }),
  UNAUTHORIZED: () => ({
    title: 'This window may not talk to the engine.',
    next: 'Open it by the link that Muster printed when it started.',
  }),
  REFUSED: (fact) => ({
    title: `${subject(fact)} does not do that${because(fact)}.`,
    next: 'Nothing was changed.',
  }),
  UNSUPPORTED: (fact) => ({
    title: `${subject(fact)} cannot do that${because(fact)}.`,
    next: 'Its version or its settings do not allow it; the details say more.',
  }),
  INTERNAL: () => ({
    title: 'Something went wrong inside Muster.',
    next: 'Try again. If it stays so, copy the details and report them.',
  }),
};

/** `The device` within a sentence becomes `the device`; names keep their letters. */
function lower(text: string): string {
  return text === 'The device' ? 'the device' : text;
}

/** The words for an error. A missing fact is left out of the sentence, never shown as a hole. */
export function errorText(code: ErrorCode, details: ErrorDetails = {}): ErrorWords {
  return WORDS[code]((name, fallback) => {
    const value = Object.hasOwn(details, name) ? details[name] : undefined;
    return value === undefined || value === null || value === '' ? fallback : String(value);
  });
}
