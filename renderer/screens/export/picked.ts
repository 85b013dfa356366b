/** Some of a list, or all of it, whatever it comes to hold. Pure. */
export type Picked<Id> = 'all' | Id[];

export function isPicked<Id>(picked: Picked<Id>, id: Id): boolean {
  return picked === 'all' || picked.includes(id);
}

/** Takes `id` in or out. From "all" it goes to all of `ids` but this one; the last one taken in makes "all" again. */
export function togglePick<Id>(picked: Picked<Id>, id: Id, ids: Id[]): Picked<Id> {
  if (picked === 'all') return ids.filter((each) => each !== id);
  const next = picked.includes(id) ? picked.filter((each) => each !== id) : [...picked, id];
  return ids.every((each) => next.includes(each)) ? 'all' : next;
}

/** The ids as a contract wants them, where an empty list means everything; null when nothing is chosen. */
export function pickedIds<Id>(picked: Picked<Id>, ids: Id[]): Id[] | null {
  if (picked === 'all') return [];
  const chosen = ids.filter((id) => picked.includes(id));
  return chosen.length === 0 ? null : chosen;
}
