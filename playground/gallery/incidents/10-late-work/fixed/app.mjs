import { setTimeout as sleep } from "node:timers/promises";

async function audit(account, item) {
  await sleep(300); // a store far away
  console.log(`audit: ${account} ordered ${item}`);
}

export const handler = async (event) => {
  await Promise.all([audit(event.account, event.item), sleep(100)]);
  return { statusCode: 200, body: "ordered" };
};
