import type { FamilyMember } from '../encoder';
import { entryBytes } from '../vectorMemory';

export interface Exploration {
  /** of the encoder that is asked for */
  readonly identity: string;
  readonly pooling: string | null;
  /** distinct sentences */
  readonly count: number;
  readonly dimension: number;
  /** of all vectors together */
  readonly budgetBytes: number;
}

/**
 * The layers and poolings that are worth making together, as many as the budget allows: first what is asked for, then its pooling at all layers, then the other poolings of
 * the last layer, then the rest. Empty when there is no room for more than what is asked for.
 */
export function chooseMembers(members: readonly FamilyMember[], wish: Exploration): readonly FamilyMember[] {
  const { identity, pooling, count, dimension, budgetBytes } = wish;
  const most = Math.floor(budgetBytes / Math.max(1, count * entryBytes(dimension)));
  const own = members.find((member) => member.identity === identity);
  if (own === undefined || most < 2) return [];
  // Those that name their own layers are means.
  const layered = members.some((member) => member.pooling === pooling && member.layer !== 'last') ? pooling : 'mean';
  const rank = (member: FamilyMember) => {
    if (member === own) return 0;
    if (member.pooling === layered) return 1;
    return member.layer === 'last' ? 2 : 3;
  };
  return members
    .map((member, place) => ({ member, place }))
    .sort((a, b) => rank(a.member) - rank(b.member) || a.place - b.place)
    .slice(0, most)
    .map(({ member }) => member);
}
