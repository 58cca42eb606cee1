"""What GitHub really answered, from the recordings of the npm package `@octokit/fixtures`, and what we make of it."""
