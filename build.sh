#!/usr/bin/env bash
# Runs a task of build.ps1 in pwsh, or its dotnet half where pwsh cannot be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

usage() {
    cat <<'END'
usage: ./build.sh TASK [OPTION...]
  demo      boot three real guests, suspend, resume and shut them down
  test      build everything and run all tests; the last line is the total
  build     build everything
  package   make the module and the daemon: out/Virt, out/virtd,
            and the Debian package out/virt_VERSION_ARCH.deb
  install-test
            install, restart, upgrade and remove the Debian package in a Debian
            booted for it; root only
  fuzz      try many bad inputs; --target NAME --count N --seconds S --seed K
  load      good and hostile clients on a packaged virtd; --clients N --busy N --hostile N --seconds S
  chaos     kill a packaged virtd at random moments of work; --rounds N --seed K --guests N
  bench     the same work on virtd, libvirtd and QEMU alone; writes docs/performance.md; --domains N
  micro     micro-benchmarks of codec and dispatch, with BenchmarkDotNet's options; --filter '*Codec*'
  bench-codec
            compare the codec's speed with that of the commit before; --against COMMIT
  clean     remove all that was built
END
}

notice() {
    local bar='**********************************************************************'
    printf '\n%s\n' "$bar"
    printf '*  %s\n' "$@"
    printf '%s\n\n' "$bar"
}

task=${1:-}
case $task in
    demo | test | build | package | install-test | clean) [ $# -eq 1 ] || { usage >&2; exit 2; } ;;
    fuzz | load | chaos | bench | micro | bench-codec) ;;
    -h | --help | help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
esac

if ! dotnet --version >/dev/null 2>&1; then
    echo "build.sh: the .NET SDK 10 is needed (global.json names the version) and was not found." >&2
    echo "Install it from https://dotnet.microsoft.com/download, or on Ubuntu: sudo apt-get install dotnet-sdk-10.0" >&2
    exit 1
fi

# is_pwsh COMMAND...: whether it is a PowerShell that can load the module.
is_pwsh() {
    local version
    version=$("$@" --version 2>/dev/null) && [[ $version =~ ^PowerShell\ (7\.([6-9]|[1-9][0-9])|[89]|[1-9][0-9])\. ]]
}

# What takes options needs nothing of pwsh.
case $task in
    fuzz | load | chaos | bench | micro | bench-codec) ;;
    *) if is_pwsh pwsh; then exec pwsh -NoProfile -File build.ps1 -Task "${task//-/}"; fi ;;
esac
if [ "$task" = test ] || [ "$task" = demo ]; then
    if timeout 120 dotnet tool restore >/dev/null 2>&1 && is_pwsh dotnet pwsh; then
        exec dotnet pwsh -NoProfile -File build.ps1 -Task "$task"
    fi
fi

half() {
    dotnet tools/Virt.Build/bin/Release/net10.0/Virt.Build.dll "$@"
}

no_pwsh() {
    notice "PowerShell 7.6 was not found, neither as pwsh nor as a dotnet tool:" "$@" \
        "To have it: dotnet tool install --global PowerShell"
}

dotnet msbuild tools/Virt.Build -restore -property:Configuration=Release -nologo -verbosity:quiet
case $task in
    fuzz | load | chaos | bench | micro | bench-codec) half "$@" ;;
    test)
        status=0
        half test || status=$?
        [ $status -ne 130 ] || exit 130
        # 0 and 1: all was built and the tests ran.
        if [ $status -le 1 ] && [ -d tests/pester ]; then
            count=$( (grep -rhE --include='*.Tests.ps1' '^[[:space:]]*It[[:space:]]' tests/pester || true) | wc -l)
            no_pwsh "the $count tests that need it are SKIPPED."
            half skip pester "$count"
        fi
        half total
        ;;
    demo)
        no_pwsh "virtd itself does the walk, without the cmdlets."
        half demo
        ;;
    clean)
        half clean
        rm -rf tools/Virt.Build/bin tools/Virt.Build/obj
        ;;
    *) half "$task" ;;
esac
