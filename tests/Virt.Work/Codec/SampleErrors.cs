using Virt.Errors;

namespace Virt.Work.Codec;

/// <summary>An error as a failed call is answered with.</summary>
internal static class SampleErrors
{
    public static ErrorRecord NoDomain { get; } = new(
        VirtErrorCode.NoDomain, "no domain with the name 'web-0001'", "web-0001", "Get-VirtDomain -All lists those that exist.");
}
