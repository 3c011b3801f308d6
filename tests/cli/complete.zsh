# SPDX-License-Identifier: LGPL-2.1-or-later
# complete.zsh DIRECTORY LINE...: what zsh offers at the end of each line, sorted, "-" for nothing.
# An interactive zsh on a terminal of its own inserts all of it, and a key prints the line.
zmodload zsh/zpty

setup='
PS1= PROMPT_EOL_MARK=
fpath=('$1' $fpath)
autoload -U compinit
compinit -D -u
all-matches() {
	_main_complete "$@"
	compstate[insert]=all
	compstate[list]=
}
print-line() {
	print -r -- "$BUFFER" >>'$PWD'/lines
	BUFFER= CURSOR=0
}
zle -C all-matches complete-word all-matches
zle -N print-line
bindkey "^I" all-matches
bindkey "^]" print-line
print ready >>'$PWD'/lines
'
shift

# Sets answers to at least $1 lines.
wait_for_lines() {
	repeat 500; do
		[[ -e lines ]] && answers=("${(@f)$(<lines)}")
		(( $#answers >= $1 )) && return
		zpty -r -t shell output 2>/dev/null
		sleep 0.02
	done
	print -u 2 "no answer from zsh: $output"
	exit 1
}

print -r -- $setup >setup
zpty -b shell zsh -f -i
zpty -w shell "source $PWD/setup"
wait_for_lines 1
lines_wanted=1
for line; do
	zpty -wn shell "$line"$'\t\x1d'
	wait_for_lines $((++lines_wanted))
	offered=${answers[-1]% }
	if [[ $offered == ${line% } ]]; then
		print -- -
		continue
	fi
	# What is left without the words before it; an option's "=" is part of how it is inserted.
	words=(${=offered#"${line% *} "})
	print -r -- ${(o)words%=}
done
zpty -d shell
