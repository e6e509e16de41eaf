interface ProblemProps {
  readonly text: string;
  readonly action: string;
  onAction(): void;
}

/** One sentence and the way out of it, in the middle of the page. */
export const Problem = ({ text, action, onAction }: ProblemProps) => (
  <main className="splash">
    <section className="card welcome">
      <h1>{text}</h1>
      <button type="button" className="button button-primary" onClick={onAction}>
        {action}
      </button>
    </section>
  </main>
);
