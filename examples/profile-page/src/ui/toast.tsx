import { createContext, use, useCallback, useEffect, useState, type ReactNode } from 'react';

const ToastContext = createContext<(text: string) => void>(() => undefined);
const SHOWN_MS = 6_000;

/** A short word on what went well: shown for a moment, and read out. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<{ text: string }>();
  const say = useCallback((text: string) => setToast({ text }), []);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <ToastContext value={say}>
      {children}
      <div className="toast" role="status">
        {toast && <p>{toast.text}</p>}
      </div>
    </ToastContext>
  );
}

export const useToast = () => use(ToastContext);
