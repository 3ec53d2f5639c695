import { plotAsSvg } from '../plotly';
import { pictureOfLayer } from './planeLayer';

/** A chart as a picture. */
export interface PlotImage {
  readonly svg: string;
  /** at twice the size, for screens of high density; `null` where the browser cannot draw the SVG */
  readonly png: Uint8Array | null;
}

const WIDTH = 640;
const HEIGHT = 460;
const LABEL_HEIGHT = 28;
const PNG_SCALE = 2;
const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

/**
 * The plots of a chart side by side, each under its label, in the theme's colours.
 * @param chart the chart's element
 */
export async function chartImage(chart: Element): Promise<PlotImage | null> {
  const sides = [...chart.querySelectorAll<HTMLElement>('.side')].flatMap((side) => {
    const plot = side.querySelector<HTMLElement>('.js-plotly-plot');
    const label = side.querySelector('figcaption')?.textContent.trim() ?? '';
    return plot === null ? [] : [{ plot, label }];
  });
  if (sides.length === 0) return null;
  const parts = await Promise.all(sides.map(({ plot }) => plotAsSvg(plot, WIDTH, HEIGHT, pictureOfLayer(plot))));
  const look = getComputedStyle(document.body);
  const width = WIDTH * sides.length;
  const height = HEIGHT + LABEL_HEIGHT;
  const root = document.createElementNS(SVG_NAMESPACE, 'svg');
  root.setAttribute('xmlns', SVG_NAMESPACE);
  root.setAttribute('width', String(width));
  root.setAttribute('height', String(height));
  root.setAttribute('viewBox', `0 0 ${width} ${height}`);
  root.append(element('rect', { width, height, fill: look.backgroundColor }));
  parts.forEach((svg, i) => {
    const label = element('text', { x: WIDTH * i + 16, y: 19, fill: look.color, 'font-size': 13 });
    label.setAttribute('font-family', look.fontFamily);
    label.textContent = sides[i]!.label;
    const plot = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    plot.setAttribute('x', String(WIDTH * i));
    plot.setAttribute('y', String(LABEL_HEIGHT));
    root.append(label, document.importNode(plot, true));
  });
  const svg = new XMLSerializer().serializeToString(root);
  return { svg, png: await rasterize(svg, width, height) };
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG_NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

async function rasterize(svg: string, width: number, height: number): Promise<Uint8Array | null> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * PNG_SCALE;
    canvas.height = height * PNG_SCALE;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    return blob === null ? null : new Uint8Array(await blob.arrayBuffer());
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
