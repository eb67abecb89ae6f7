{
  description = "Plugins for the contract example:greeting@0.1.0, and the application that runs them";

  # Plugwright's flake defines the packages, checks and shells.
  inputs.plugwright.url = "flake:plugwright";

  outputs = { plugwright, ... }: plugwright.lib.pipeline { src = ./.; };
}
