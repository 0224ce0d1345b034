/** What every request to the API server passes through on its way out, and its answer on its way back. */
import type { Dispatcher } from 'undici';
import { redirectIn } from '../../blame/way.ts';

/** Sets headers, with several values where they have them: fetch would join those to one. */
export function withHeaders(
  headers: Readonly<Record<string, readonly string[]>>,
): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const others = Object.entries(options.headers ?? {}).filter(([name]) => !(name.toLowerCase() in headers));
    return dispatch({ ...options, headers: { ...Object.fromEntries(others), ...headers } as never }, handler);
  };
}

/** An answer that sends us elsewhere fails the request, before fetch follows it. */
export const withoutRedirects: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options, {
    onRequestStart: (...args) => handler.onRequestStart?.(...args),
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onResponseStart(controller, status, headers, ...more) {
      const redirect = redirectIn(status, [headers.location].flat()[0], `${options.origin}${options.path}`);
      if (redirect) controller.abort(redirect);
      else handler.onResponseStart?.(controller, status, headers, ...more);
    },
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  });
