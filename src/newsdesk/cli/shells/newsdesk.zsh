#compdef newsdesk
# Completion of newsdesk for zsh. Put this line into ~/.zshrc, below compinit:
#   source <(newsdesk completions zsh)

_newsdesk() {
    local line value quote=$compstate[quote] typed
    local -a values texts prefixes prefix_texts
    # The text after an open quote is read as if the quote were closed.
    typed=${(Q)${:-$quote$PREFIX$quote}}
    while IFS= read -r line; do
        case $line in
        :directories) _files -/ ;;
        :files) _files ;;
        *)
            value=${line%%$'\t'*}
            # A prefix, such as a folder or a field, is followed by no space.
            if [[ $value == *[:/] ]]; then
                prefixes+=("$value")
                prefix_texts+=("${line/$'\t'/  }")
            else
                values+=("$value")
                texts+=("${line/$'\t'/  }")
            fi
            ;;
        esac
    done < <(print -rN -- "${(@Q)words[2,CURRENT-1]}" "$typed" | newsdesk completions zsh --answer 2>/dev/null)
    # -U: newsdesk has selected the matches; zsh would compare them with the quote.
    (($#values)) && compadd -U -l -d texts -a values
    (($#prefixes)) && compadd -U -l -S '' -d prefix_texts -a prefixes
    return 0
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _newsdesk "$@"
else
    compdef _newsdesk newsdesk
fi
