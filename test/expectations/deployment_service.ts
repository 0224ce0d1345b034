import { type Expectations, withoutApi, withoutRights } from '../red.ts';

export default {
  sandbox: { ...withoutApi, ...withoutRights },
} satisfies Expectations;
