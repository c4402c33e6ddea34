import type * as Vega from 'vega';
import type * as VegaLite from 'vega-lite';
import { missingPackage } from '../../shared/missing-package.js';

/** The plotting library: Vega-Lite turns a description into a Vega program, Vega draws it. */
export interface PlottingLibrary {
  readonly vega: typeof Vega;
  readonly vegaLite: typeof VegaLite;
}

/** Loads the plotting library, which is an optional package. PACKAGE_MISSING with the command that installs it. */
export async function loadVega(): Promise<PlottingLibrary> {
  try {
    const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
    return { vega, vegaLite };
  } catch (cause) {
    throw missingPackage('A plot', ['vega@6.4.0', 'vega-lite@6.4.3'], cause);
  }
}
