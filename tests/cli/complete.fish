# SPDX-License-Identifier: LGPL-2.1-or-later
# complete.fish FILE LINE...: what fish offers at the end of each line, sorted, "-" for nothing.
# Some versions offer what has the letters anywhere in it, too: what is not a beginning is left out.
source $argv[1]
for line in $argv[2..-1]
    set -l begun (string split ' ' -- $line)[-1]
    set -l words (complete --do-complete=$line | string replace -r '\t.*' '' |
        string match -- "$begun*" | env LC_ALL=C sort -u)
    if test (count $words) -eq 0
        echo -
    else
        string join ' ' -- $words
    end
end
