//! What the outer terminal can show, as far as its environment tells.

use crate::model::sgr::Sgr;

/// Terminals that know kinds of underlines, by how their `TERM` begins.
const UNDERLINES_TERM: [&str; 9] =
    ["xterm-kitty", "xterm-ghostty", "foot", "alacritty", "wezterm", "contour", "rio", "mintty", "vte"];
/// And by `TERM_PROGRAM`.
const UNDERLINES_PROGRAM: [&str; 6] = ["iTerm.app", "WezTerm", "ghostty", "rio", "kitty", "mintty"];
/// The first version of VTE that draws them: 0.52, as `VTE_VERSION` writes it.
const UNDERLINES_VTE: u32 = 5200;

/// What the environment says of the terminal.
pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Sgr {
    let value = |name: &str| var(name).unwrap_or_default();
    let (term, program) = (value("TERM"), value("TERM_PROGRAM"));
    let vte = value("VTE_VERSION").parse().is_ok_and(|version: u32| version >= UNDERLINES_VTE);
    // Inside another multiplexer the variables speak of the terminal around that.
    let direct = !["tmux", "screen"].iter().any(|name| term.starts_with(name));
    Sgr {
        true_color: ["truecolor", "24bit"].contains(&value("COLORTERM").as_str()),
        underlines: direct
            && (vte
                || UNDERLINES_TERM.iter().any(|name| term.starts_with(name))
                || UNDERLINES_PROGRAM.contains(&program.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_what_can_be_shown() {
        let look = |vars: &[(&str, &str)]| {
            from_env(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(look(&[]), Sgr::default());
        assert_eq!(look(&[("TERM", "xterm-kitty"), ("COLORTERM", "truecolor")]), Sgr::FULL);
        assert_eq!(
            look(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")]),
            Sgr { true_color: false, underlines: true }
        );
        assert_eq!(look(&[("TERM", "tmux-256color"), ("VTE_VERSION", "7600")]), Sgr::default());
    }
}
