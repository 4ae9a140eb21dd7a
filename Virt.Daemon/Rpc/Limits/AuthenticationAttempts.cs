using System.Globalization;
using Virt.Errors;

namespace Virt.Daemon.Rpc;

/// <summary>
/// Counts failed authentications by network address over time, so that connecting anew gives no new tries. It knows a bounded
/// number of addresses; when there are more, the one that began longest ago is forgotten.
/// </summary>
/// <param name="most">The tries that an address has.</param>
/// <param name="window">The time after the first of them in which they count, and after which it has them again.</param>
/// <param name="time">The clock; null for the system's.</param>
internal sealed class AuthenticationAttempts(int most, TimeSpan window, TimeProvider? time = null)
{
    /// <summary>The addresses that are remembered.</summary>
    public const int MostAddresses = 4096;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Since, int Failures)> _addresses = new(StringComparer.Ordinal);

    /// <summary>Counts a failed try.</summary>
    /// <param name="address">Where from; null for where no address is known.</param>
    public void Failed(string? address)
    {
        if (address is null)
            return;
        lock (_gate)
        {
            int failures = Find(address) is { } known ? known.Failures : 0;
            if (failures == 0)
                MakeRoom(address);
            _addresses[address] = (failures == 0 ? _time.GetTimestamp() : _addresses[address].Since, failures + 1);
        }
    }

    /// <summary>Why an address may not try now; null when it may.</summary>
    public VirtException? Refusal(string? address)
    {
        if (address is null)
            return null;
        lock (_gate)
        {
            if (Find(address) is not { } known || known.Failures < most)
                return null;
            double seconds = Math.Ceiling((window - _time.GetElapsedTime(known.Since)).TotalSeconds);
            return VirtException.Create(
                VirtErrorCode.AuthenticationFailed, $"{address} failed to authenticate {known.Failures} times and has to wait", address,
                string.Create(CultureInfo.InvariantCulture, $"Try again in {Math.Max(seconds, 1)} s."));
        }
    }

    private (long Since, int Failures)? Find(string address)
    {
        if (!_addresses.TryGetValue(address, out (long Since, int Failures) known))
            return null;
        if (_time.GetElapsedTime(known.Since) < window)
            return known;
        _addresses.Remove(address);
        return null;
    }

    private void MakeRoom(string address)
    {
        if (_addresses.Count >= MostAddresses && !_addresses.ContainsKey(address))
            _addresses.Remove(_addresses.MinBy(known => known.Value.Since).Key);
    }
}
