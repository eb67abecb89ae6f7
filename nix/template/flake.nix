{
  description = "Plugins of the contract example:greeting@0.1.0, and the application that runs them";

  # The long part is there.
  inputs.plugwright.url = "flake:plugwright";

  outputs = { plugwright, ... }: plugwright.lib.pipeline { src = ./.; };
}
