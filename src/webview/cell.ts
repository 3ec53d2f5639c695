import { useEffect, useState } from 'preact/hooks';

/** A value that changes more often than the page around it should be drawn anew: whoever needs it subscribes. */
export interface Cell<Value> {
  readonly value: Value;
  set(value: Value): void;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
}

/** A new cell. Setting the same value again tells nobody. */
export function createCell<Value>(initial: Value): Cell<Value> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get value() {
      return current;
    },
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The cell's value; the component is drawn anew when it changes. */
export function useCell<Value>(cell: Cell<Value>): Value {
  const [value, setValue] = useState(cell.value);
  useEffect(() => {
    // It may have changed between the drawing and this effect.
    setValue(() => cell.value);
    return cell.subscribe(() => setValue(() => cell.value));
  }, [cell]);
  return value;
}
