/** Asks before a browser's page is closed over changes that were not tried yet: another start has another address. */
import { useEffect } from 'react';
import { useConfigurations, useMuster } from '../stores/muster.tsx';

export function useAskBeforeLeaving(): void {
  const { shell } = useMuster();
  const any = useConfigurations((state) => state.drafts.size > 0);
  // the window of the desktop program finds them again
  const asks = any && shell === null;
  useEffect(() => {
    if (!asks) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [asks]);
}
