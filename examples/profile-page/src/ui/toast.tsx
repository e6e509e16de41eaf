import { createContext, use, useCallback, useEffect, useState, type ReactNode } from 'react';

const ToastContext = createContext<(text: string) => void>(() => undefined);
const TOAST_MS = 6_000;

/** Shows a short success message, which screen readers announce. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<{ text: string }>();
  const showToast = useCallback((text: string) => setToast({ text }), []);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(undefined), TOAST_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <ToastContext value={showToast}>
      {children}
      <div className="toast" role="status">
        {toast && <p>{toast.text}</p>}
      </div>
    </ToastContext>
  );
}

export const useToast = () => use(ToastContext);
