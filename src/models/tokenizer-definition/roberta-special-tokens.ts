import { type AddedToken, specialToken } from './added-token.js';

/** Named special tokens that `RobertaTokenizer` and `XLMRobertaTokenizer` of transformers 5 have by default. */
export const ROBERTA_SPECIAL_TOKENS: Readonly<Record<string, AddedToken>> = {
  bos_token: specialToken('<s>'),
  eos_token: specialToken('</s>'),
  unk_token: specialToken('<unk>'),
  sep_token: specialToken('</s>'),
  pad_token: specialToken('<pad>'),
  cls_token: specialToken('<s>'),
  mask_token: specialToken('<mask>'),
};
