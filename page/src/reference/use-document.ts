import { useEffect, useState } from 'preact/hooks';
import { errorOf } from '../server/server-error.js';
import type { ApiDocument } from './api-document.js';

/** The document of the server that the page came from, or why there is none. */
export function useDocument(base: string): { readonly document?: ApiDocument; readonly failure?: string } {
  const [state, setState] = useState<{ readonly document?: ApiDocument; readonly failure?: string }>({});
  useEffect(() => {
    const load = async (): Promise<void> => {
      const response = await fetch(`${base}/openapi.json`);
      if (!response.ok) throw await errorOf(response);
      setState({ document: (await response.json()) as ApiDocument });
    };
    load().catch((error: unknown) => {
      setState({ failure: error instanceof Error ? error.message : String(error) });
    });
  }, [base]);
  return state;
}
