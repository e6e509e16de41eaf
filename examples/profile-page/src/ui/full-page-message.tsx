interface FullPageMessageProps {
  readonly text: string;
  readonly action: string;
  onAction(): void;
}

/** Shows a message with a button in the middle of the page. */
export const FullPageMessage = ({ text, action, onAction }: FullPageMessageProps) => (
  <main className="splash">
    <section className="card welcome">
      <h1>{text}</h1>
      <button type="button" className="button button-primary" onClick={onAction}>
        {action}
      </button>
    </section>
  </main>
);
