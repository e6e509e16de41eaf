/** Where the page finds its backend: read at start, so that one build fits any host. */
export interface PageConfig {
  /** The profile service, without `/v1`. */
  readonly apiUrl: string;
  readonly logtoEndpoint: string;
  /** The single-page application's id in Logto. */
  readonly appId: string;
  /** The API resource the access tokens are for. */
  readonly resource: string;
}

export async function loadConfig(): Promise<PageConfig> {
  const response = await fetch(`${import.meta.env.BASE_URL}config.json`);
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  return (await response.json()) as PageConfig;
}
