# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# The cases of two themes once more, with "trace" in front of each run: nobody notices the tracer.

# shellcheck source=jobcontrol.sh
source "${BASH_SOURCE[0]%/*}/jobcontrol.sh"
# shellcheck source=signals.sh
source "${BASH_SOURCE[0]%/*}/signals.sh"

# In the process of a case, not where they are declared.
[[ -z ${nap_fd-} ]] || PATH=$helper/traced:$PATH
