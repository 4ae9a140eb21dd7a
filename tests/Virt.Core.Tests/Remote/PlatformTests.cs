using System.Reflection;
using System.Runtime.Versioning;
using Virt.Connections;

namespace Virt.Tests.Core.Remote;

/// <summary>What a client on Windows or macOS must not stumble over.</summary>
public sealed class PlatformTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void Native_calls_say_on_which_system_they_are_there_so_that_the_compiler_guards_them()
    {
        Type[] native =
        [
            .. typeof(VirtConnection).Assembly.GetTypes()
                .Where(type => type.GetMethods(Everything).Any(method => (method.Attributes & MethodAttributes.PinvokeImpl) != 0)),
        ];
        Assert.NotEmpty(native);
        Assert.All(native, type => Assert.True(
            IsMarked(type) || type.GetMethods(Everything).Where(method => (method.Attributes & MethodAttributes.PinvokeImpl) != 0).All(IsMarked),
            $"{type} has native calls and does not say on which system."));
    }

    private static bool IsMarked(MemberInfo member) =>
        member.GetCustomAttributes<OSPlatformAttribute>().Any(mark => mark is SupportedOSPlatformAttribute or UnsupportedOSPlatformAttribute)
        || (member.DeclaringType is { } outer && IsMarked(outer));
}
