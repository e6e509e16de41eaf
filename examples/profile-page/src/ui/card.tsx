import { useId, type ReactNode } from 'react';

export function Card({ title, children, tone }: { title: string; children: ReactNode; tone?: 'bad' }) {
  const id = useId();
  return (
    <section className={tone === 'bad' ? 'card card-bad' : 'card'} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
