import type { VNode } from 'preact';

/** Small pictures in the stroke of VS Code's own; always beside or under a label. */
const PATHS = {
  lasso:
    'M4.5 9.5C2.8 8.8 2 7.7 2 6.5 2 4 4.7 2.5 8 2.5s6 1.5 6 4-2.7 4-6 4c-.8 0-1.5-.1-2.2-.2M4.5 9.3a1.2 1.2 0 1 0 .01 2.4 1.2 1.2 0 0 0 0-2.4M5 11.7c.2 1-.2 1.8-1.2 2.3',
  zoom: 'M6.7 2.2a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10 10l3.8 3.8M4.7 6.7h4M6.7 4.7v4',
  pan: 'M8 1.8v12.4M1.8 8h12.4M6 3.8l2-2 2 2M6 12.2l2 2 2-2M3.8 6l-2 2 2 2M12.2 6l2 2-2 2',
  reset: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  previous: 'M9.8 3.5 5.3 8l4.5 4.5',
  next: 'M6.2 3.5 10.7 8l-4.5 4.5',
  save: 'M8 2v7.5M5 6.8 8 9.8l3-3M2.8 11v2.5h10.4V11',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  warning: 'M8 2.2 14.3 13.5H1.7ZM8 6.5v3.5M8 11.4v.8',
  error: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 5v4M8 10.4v.9',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 7.2V11M8 4.8v.9',
} as const;

export function Icon({ name }: { readonly name: keyof typeof PATHS }): VNode {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
