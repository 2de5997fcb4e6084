#!/bin/sh
# Installs edgevision as a service, or removes it again. As root, in a checkout:
#
#   systemd/install.sh              program, user and units; a configuration to start from, if there is none
#   systemd/install.sh uninstall    stops it, removes program and units; what you wrote and counted stays
#   systemd/install.sh purge        removes that too, and the user: nothing is left
#
# PYTHON chooses the interpreter. With DESTDIR=/somewhere only files are put there, or removed, as a package
# needs it: without the program, and nothing is started.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${DESTDIR:-}
units=$root/etc/systemd/system

install_all() {
    if [ -z "$root" ]; then
        "${PYTHON:-/usr/bin/python3}" -m venv /opt/edgevision
        /opt/edgevision/bin/pip install --quiet "$here/.."
    fi
    install -Dm644 "$here/edgevision.sysusers.conf" "$root/etc/sysusers.d/edgevision.conf"
    install -Dm644 "$here/edgevision.tmpfiles.conf" "$root/etc/tmpfiles.d/edgevision.conf"
    install -Dm644 "$here/edgevision.service" "$units/edgevision.service"
    install -Dm644 "$here/edgevision@.service" "$units/edgevision@.service"
    install -Dm644 "$here/edgevision-report.service" "$units/edgevision-report.service"
    install -Dm644 "$here/edgevision-report.timer" "$units/edgevision-report.timer"
    if [ -z "$root" ]; then
        systemd-sysusers /etc/sysusers.d/edgevision.conf
        systemd-tmpfiles --create /etc/tmpfiles.d/edgevision.conf
        [ -e /etc/edgevision/edgevision.yaml ] ||
            install -m640 -g edgevision "$here/../configs/parking.yaml" /etc/edgevision/edgevision.yaml
        systemctl daemon-reload
        echo "Change /etc/edgevision/edgevision.yaml, then: systemctl enable --now edgevision"
    fi
}

uninstall() {
    if [ -z "$root" ]; then
        for unit in edgevision-report.timer edgevision.service $(instances); do
            systemctl disable --now --quiet "$unit" || true
            systemctl reset-failed --quiet "$unit" 2>/dev/null || true
        done
        rm -rf /opt/edgevision
    fi
    rm -f "$units/edgevision.service" "$units/edgevision@.service"
    rm -f "$units/edgevision-report.service" "$units/edgevision-report.timer"
    rm -f "$root/etc/sysusers.d/edgevision.conf" "$root/etc/tmpfiles.d/edgevision.conf"
    [ -n "$root" ] || systemctl daemon-reload
}

# Of edgevision@.service: those that run, and those that would at the next start.
instances() {
    {
        systemctl list-units --all --plain --no-legend 'edgevision@*' | cut -d' ' -f1
        find /etc/systemd/system -path '*.wants/edgevision@*' -printf '%f\n'
    } | sort -u
}

purge() {
    uninstall
    rm -rf "$root/etc/edgevision" "$root/var/lib/edgevision" "$root/var/cache/edgevision"
    rm -rf "$units"/edgevision.service.d "$units"/edgevision@*.service.d "$units"/edgevision-report.*.d
    if [ -z "$root" ] && getent passwd edgevision >/dev/null; then
        userdel edgevision
        systemctl daemon-reload
    fi
}

case ${1:-install} in
install) install_all ;;
uninstall) uninstall && echo "/etc/edgevision and /var/lib/edgevision are still there" ;;
purge) purge ;;
*) sed -n '2,9s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
