export interface ServePageOptions {
  /** 5173 unless given; 0 takes any free port. */
  port?: number;
  /** The profile service, without `/v1`. */
  apiUrl: string;
  logtoEndpoint: string;
  appId?: string;
  /** The API resource that access tokens are asked for. */
  resource?: string;
}

/** Serves the built page on 127.0.0.1; resolves once it listens. */
export function servePage(options: ServePageOptions): Promise<{ url: string; stop(): Promise<void> }>;
