import { setTimeout as sleep } from "node:timers/promises";

async function audit(account, item) {
  await sleep(300); // a store far away
  console.log(`audit: ${account} ordered ${item}`);
}

export const handler = async (event) => {
  audit(event.account, event.item); // nobody waits for it
  await sleep(100); // the order itself
  return { statusCode: 200, body: "ordered" };
};
