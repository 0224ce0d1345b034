/** The syntax of labels: keys with an optional domain before a slash, values of up to 63 characters. */
import { type Cause, cause } from './status.ts';

const word = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const keyWords = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`;
const domainWords = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`;
const valueWords = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`;
const tooLong = 'must be no more than 63 characters';

export function labelCauses(labels: Readonly<Record<string, string>> = {}, at: string): Cause[] {
  const found: Cause[] = [];
  for (const [key, value] of Object.entries(labels)) {
    found.push(...keyCauses([key], at));
    if (value.length > 63) found.push(cause.invalid(at, value, tooLong));
    else if (value !== '' && !word.test(value)) found.push(cause.invalid(at, value, valueWords));
  }
  return found;
}

/** Of labels, and of annotations in lower case. */
export function keyCauses(keys: readonly string[], at: string): Cause[] {
  return keys.flatMap((key) => {
    const [name = '', prefix, ...more] = key.split('/').reverse();
    const why: string[] = [];
    if (more.length > 0) {
      why.push(
        `a qualified name ${keyWords} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
      );
    } else {
      if (prefix === '') why.push('prefix part must be non-empty');
      else if (prefix !== undefined && !domain.test(prefix)) why.push(`prefix part ${domainWords}`);
      if (name === '') why.push('name part must be non-empty');
      if (name.length > 63) why.push(`name part ${tooLong}`);
      if (!word.test(name)) why.push(`name part ${keyWords}`);
    }
    return why.map((words) => cause.invalid(at, key, words));
  });
}
