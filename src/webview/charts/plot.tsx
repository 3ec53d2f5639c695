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

/** A Plotly figure in its frame: drawn anew with its figure, fitted to its place, given back at the end. */
export function Plot({ figure, label, events, onElement, children }: PlotProps): VNode {
  const element = useRef<HTMLDivElement>(null);
  const latestEvents = useRef<PlotEvents>({});
  latestEvents.current = events ?? {};
  const isListening = useRef(false);

  useEffect(() => {
    const plot = element.current!;
    let isGone = false;
    void drawPlot(plot, figure).then(() => {
      if (isGone || isListening.current) return;
      isListening.current = true;
      listenToPlot(plot, () => latestEvents.current);
      onElement?.(plot);
    });
    return () => {
      isGone = true;
    };
  }, [figure]);

  useEffect(() => {
    const plot = element.current!;
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => fitPlot(plot));
    });
    observer.observe(plot);
    // The wheel scrolls the page; only with Ctrl it zooms the plot.
    const keepWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    };
    plot.addEventListener('wheel', keepWheel, { capture: true, passive: true });
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      plot.removeEventListener('wheel', keepWheel, { capture: true });
      onElement?.(null);
      erasePlot(plot);
    };
  }, []);

  return (
    <div class="plot" role="img" aria-label={label}>
      <div class="plot-surface" ref={element} />
      {children}
    </div>
  );
}
