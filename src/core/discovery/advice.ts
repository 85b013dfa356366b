/** One plain sentence for a person who sees no device. Pure. */

/** What the search knows about itself. */
export interface SearchState {
  interfaces: {
    name: string;
    kind: 'network' | 'virtual' | 'vpn' | 'loopback';
    searching: boolean;
    trouble: string | null;
  }[];
  /** Services heard lately, on all interfaces. */
  heard: number;
  /** Sender of an announcement from outside of all of this laptop's networks. */
  outsider: string | null;
  /** How long it has been searched, ms. */
  searchedMs: number;
}

/** Answers come within a second; two lost questions on a poor Wi-Fi take three. */
const TOO_EARLY_MS = 4000;

/** What is the matter and what to do next; a short statement when all is well. */
export function advise(state: SearchState): string {
  const real = state.interfaces.filter(({ kind }) => kind !== 'loopback');
  const searched = real.filter(({ searching, trouble }) => searching && !trouble);
  const troubled = real.find(({ trouble }) => trouble !== null);
  const where = listed(searched.map(({ name }) => name));
  if (state.heard > 0) return `Devices announce themselves${where ? `; searching on ${where}` : ''}.`;
  if (real.length === 0)
    return 'This laptop is on no network: plug in a cable to the device or its switch, or join its Wi-Fi, or start the demo fleet.';
  if (searched.length === 0 && troubled)
    return `${troubled.name} cannot be searched (${troubled.trouble}): close the program that holds it, or type the address of the device.`;
  if (real.every(({ kind }) => kind === 'vpn'))
    return `Only a VPN is up (${listed(real.map(({ name }) => name))}), and announcements do not travel through it: join the network of the device, or type its address.`;
  if (state.outsider)
    return `A device announces itself as ${state.outsider}, which is outside of this laptop's networks: give this laptop an address in the same network, or set the device to automatic addresses.`;
  if (state.searchedMs < TOO_EARLY_MS) return `Searching on ${where}.`;
  return `Nothing announces itself on ${where}: check that the device has power and is on the same network (a guest Wi-Fi keeps its users apart), type its address, or start the demo fleet.`;
}

function listed(names: string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
