import { createContext, type VNode } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { failureMessage, failureReason } from '../../core/protocol/errors';
import { Button } from '../controls';
import type { Host } from '../hostConnection';
import { Icon } from '../icons';
import { strings } from '../strings';
import { chartImage, type PlotImage } from './plotImage';

/** What happens to a chart's picture: the host saves it where the user says, a report lets the browser do so. */
export type SavePlot = (name: string, image: PlotImage) => Promise<void>;

export const PlotSaving = createContext<SavePlot | null>(null);

export function saveThroughHost(host: Host): SavePlot {
  return async (name, { svg, png }) => {
    await host.request('savePlot', { name, svg, png });
  };
}

export const saveThroughBrowser: SavePlot = (name, { svg }) => {
  const link = document.createElement('a');
  link.download = `${name}.svg`;
  link.href = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  link.click();
  URL.revokeObjectURL(link.href);
  return Promise.resolve();
};

/** Saves the chart that it stands in as a picture. */
export function SavePlotButton({ name }: { readonly name: string }): VNode | null {
  const save = useContext(PlotSaving);
  const [error, setError] = useState<string | null>(null);
  if (save === null) return null;
  const run = async (chart: Element | null): Promise<void> => {
    setError(null);
    try {
      const image = chart && (await chartImage(chart));
      if (image !== null) await save(name, image);
    } catch (reason) {
      if (failureReason(reason) !== 'cancelled') setError(failureMessage(reason));
    }
  };
  return (
    <>
      <Button
        kind="icon"
        action="save-plot"
        title={error ?? strings.savePlot}
        onClick={() => void run(document.querySelector(`.chart[data-plot="${name}"]`))}
      >
        <Icon name={error === null ? 'save' : 'error'} />
      </Button>
    </>
  );
}
