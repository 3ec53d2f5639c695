import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { StateStore } from './savedState';

/** Which disclosures are open, kept over reloads. */
export interface Disclosures {
  readonly isOpen: (id: string) => boolean;
  readonly setOpen: (id: string, isOpen: boolean) => void;
}

export function keepDisclosures(store: StateStore): Disclosures {
  return {
    isOpen: (id) => store.current.openSections.includes(id),
    setOpen: (id, isOpen) => {
      const others = store.current.openSections.filter((other) => other !== id);
      store.update({ openSections: isOpen ? [...others, id] : others });
    },
  };
}

export interface DisclosureProps {
  readonly id: string;
  readonly summary: string;
  readonly disclosures: Disclosures;
  /** made only while it is open */
  readonly children: () => ComponentChildren;
}

/** Something that a reader may open, and that costs nothing before. */
export function Disclosure({ id, summary, disclosures, children }: DisclosureProps): VNode {
  const [isOpen, setOpen] = useState(disclosures.isOpen(id));
  return (
    <details
      class="disclosure"
      data-section={id}
      open={isOpen}
      onToggle={(event) => {
        const now = event.currentTarget.open;
        if (now === isOpen) return;
        setOpen(now);
        disclosures.setOpen(id, now);
      }}
    >
      <summary>{summary}</summary>
      {isOpen && children()}
    </details>
  );
}
