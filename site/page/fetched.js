// Fetches files of the site.

/** Fetches a file, and fails unless it exists. */
export const fetched = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`cannot fetch ${address}: ${response.status} ${response.statusText}`);
  return response;
};
