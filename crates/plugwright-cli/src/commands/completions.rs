//! `plugwright completions`: prints a shell's completion script for `plugwright`.

use clap::{Args, Command, CommandFactory as _};
use clap_complete::env::Shells;
use clap_complete::{CompleteEnv, Shell};

use crate::completion;
use crate::exit::{self, Failed};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell to print the script for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn completions(arguments: &Arguments) -> Result<(), Failed> {
    output::write(None, &script(arguments.shell)).map_err(exit::usage)
}

/// Returns the completion script of a shell. The script asks this command for words.
pub(crate) fn script(shell: Shell) -> Vec<u8> {
    if shell == Shell::Bash {
        return include_bytes!("../completion.bash").to_vec();
    }
    let (mut script, name) = (Vec::new(), "plugwright");
    let shells = Shells::builtins();
    if let Some(completer) = shells.completer(&shell.to_string()) {
        // Writing to memory cannot fail.
        let _ = completer.write_registration(completion::VARIABLE, name, name, name, &mut script);
    }
    script
}

/// Answers a shell's completion script, and then exits. Returns if this process was not started by such a script.
pub(crate) fn answer() {
    completion::remember_shell();
    CompleteEnv::with_factory(shown).var(completion::VARIABLE).complete();
}

/// Returns the command for completion: with completers for files, and without the hidden verbs, which clap would offer.
fn shown() -> Command {
    let whole = completion::with_files(crate::Arguments::command());
    let verbs = whole.get_subcommands().filter(|verb| !verb.is_hide_set()).cloned();
    Command::new("plugwright")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .args(whole.get_arguments().cloned())
        .subcommands(verbs)
}
