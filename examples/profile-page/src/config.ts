/** The page's configuration. It is loaded at startup, so that one build works on any host. */
export interface PageConfig {
  /** The profile service's URL, without `/v1`. */
  readonly apiUrl: string;
  readonly logtoEndpoint: string;
  /** The ID of the single-page application in Logto. */
  readonly appId: string;
  /** The API resource for which to request access tokens. */
  readonly resource: string;
}

export async function loadConfig(): Promise<PageConfig> {
  const response = await fetch(`${import.meta.env.BASE_URL}config.json`);
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  return (await response.json()) as PageConfig;
}
