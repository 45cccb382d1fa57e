#compdef newsdesk
# Completion of newsdesk for zsh. Put this line into ~/.zshrc, below compinit:
#   source <(newsdesk completions zsh)

_newsdesk() {
    local line value quote=$compstate[quote] typed
    local -a values told begun begun_told
    # What is typed behind an open quote is read as if the quote were closed.
    typed=${(Q)${:-$quote$PREFIX$quote}}
    while IFS= read -r line; do
        case $line in
        :directories) _files -/ ;;
        :files) _files ;;
        *)
            value=${line%%$'\t'*}
            # What is only begun, a folder or a field, is followed by no space.
            if [[ $value == *[:/] ]]; then
                begun+=("$value")
                begun_told+=("${line/$'\t'/  }")
            else
                values+=("$value")
                told+=("${line/$'\t'/  }")
            fi
            ;;
        esac
    done < <(print -rN -- "${(@Q)words[2,CURRENT-1]}" "$typed" | newsdesk completions zsh --answer 2>/dev/null)
    # -U: newsdesk has chosen already, and what begins with a quote fits the same without it.
    (($#values)) && compadd -U -l -d told -a values
    (($#begun)) && compadd -U -l -S '' -d begun_told -a begun
    return 0
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _newsdesk "$@"
else
    compdef _newsdesk newsdesk
fi
