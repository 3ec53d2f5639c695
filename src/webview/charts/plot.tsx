import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { drawPlot, erasePlot, fitPlot, listenToPlot, type PlotEvents, type PlotFigure } from '../plotly';

export interface PlotProps {
  readonly figure: PlotFigure;
  /** what the picture says, for those who do not see it; the table beside it says the rest */
  readonly label: string;
  readonly events?: PlotEvents;
  /** gets the drawn element */
  readonly onElement?: (element: HTMLElement | null) => void;
  readonly children?: ComponentChildren;
}

/** A plot out of sight waits this long for a figure that stays. */
const REST_MS = 250;
/** Pixels around the window that count as in sight. */
const NEARBY = '150px';

/** A Plotly figure in its frame: drawn anew with its figure, fitted to its place, given back at the end. */
export function Plot({ figure, label, events, onElement, children }: PlotProps): VNode {
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef({ figure, events });
  latest.current = { figure, events };
  const drawing = useRef<Drawing | null>(null);

  useEffect(() => {
    const plot = element.current!;
    const current = openDrawing(plot, () => latest.current, onElement);
    drawing.current = current;
    return () => {
      current.close();
      onElement?.(null);
    };
  }, []);
  useEffect(() => drawing.current?.request(), [figure]);

  return (
    <div class="plot" role="img" aria-label={label}>
      <div class="plot-surface" ref={element} />
      {children}
    </div>
  );
}

/** One element's drawing over its life. */
interface Drawing {
  /** draws the latest figure: at once, or, out of sight, when it is seen or rests */
  request(): void;
  close(): void;
}

function openDrawing(
  plot: HTMLElement,
  latest: () => { readonly figure: PlotFigure; readonly events: PlotEvents | undefined },
  onElement: PlotProps['onElement'],
): Drawing {
  let isVisible = true;
  let isClosed = false;
  let drawn: PlotFigure | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;

  const draw = (): void => {
    clearTimeout(timer);
    const { figure } = latest();
    if (isClosed || figure === drawn) return;
    const isFirst = drawn === null;
    drawn = figure;
    void drawPlot(plot, figure).then(() => {
      if (!isFirst || isClosed) return;
      listenToPlot(plot, () => latest().events ?? {});
      onElement?.(plot);
    });
  };
  const visibility = new IntersectionObserver(
    (entries) => {
      isVisible = entries.at(-1)?.isIntersecting === true;
      if (isVisible) draw();
    },
    { rootMargin: NEARBY },
  );
  visibility.observe(plot);
  const size = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => fitPlot(plot));
  });
  size.observe(plot);
  // The wheel scrolls the page; only with Ctrl it zooms the plot.
  const keepWheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  };
  plot.addEventListener('wheel', keepWheel, { capture: true, passive: true });
  return {
    request() {
      clearTimeout(timer);
      if (isVisible || drawn === null) draw();
      else timer = setTimeout(draw, REST_MS);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      visibility.disconnect();
      size.disconnect();
      plot.removeEventListener('wheel', keepWheel, { capture: true });
      erasePlot(plot);
    },
  };
}
